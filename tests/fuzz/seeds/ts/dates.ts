@timestamps true
@targetLabel true
@data
(2024-01-31 10:00,1),(2024-01-31 11:00,NaN):1.5
