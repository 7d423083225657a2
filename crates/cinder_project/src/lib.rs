//! Discovery, configuration and check_file.
