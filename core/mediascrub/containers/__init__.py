"""Walking containers: each module or folder says of one format's bytes what they are."""
