def documented():
    """

def other(a b):
    """closing"""
    x = = 1
}
