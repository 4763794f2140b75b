# c
@timestamps true
@classLabel false
@data
(0,1),(1.5,2):(0,3),(1.5,4)
