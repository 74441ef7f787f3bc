"""How the data of this plugin is made, by hand and from lists that may be used."""
