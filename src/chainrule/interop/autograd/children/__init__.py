"""The folder on the path of child processes, so that they find this package as `autograd`, too."""
