@pemeÿÿÿË@cl false
@classLabel true ˜ b
@data
1,2,?:2:b
