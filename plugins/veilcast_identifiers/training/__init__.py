"""How the embedded name pipeline is made. None of this is needed to use it."""
