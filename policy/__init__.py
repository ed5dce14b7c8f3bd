"""The policy pack: rules over what a program would make, whoever wrote the program."""
