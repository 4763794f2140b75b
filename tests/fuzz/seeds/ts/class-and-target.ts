@classLabel true a b
@targetLabel true
@data
1:7
