"""The models of all zoos held against each other, their claims, their papers and the 2022 study."""
