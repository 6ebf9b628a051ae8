"""Sound as arrays: mono, float32, full scale at ±1.

The rule of this room: nothing here knows what sound means. Recordings become samples (`read`, by way of `header` and
`decode`), samples get another rate (`resample`) or are cut (`window`), and numbers are taken of them (`level`, `mel`); how
sound arrives in blocks never changes a result. `synth` makes a machine that does not exist, with faults at known times.
Any room may import this one; it imports only `errors`.
"""
