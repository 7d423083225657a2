import __strict__

print("an effect when the module is imported")
