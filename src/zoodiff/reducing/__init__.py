"""A graph brought to the form in which networks are compared: passes are run, the steps that compute are left."""
