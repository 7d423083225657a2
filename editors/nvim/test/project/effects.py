import __strict__

SETTINGS = open("settings.txt")
