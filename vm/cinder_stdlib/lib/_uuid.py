"""What the system's UUID library would give; `uuid` makes its values itself."""

has_uuid_generate_time_safe = 0
has_stable_extractable_node = 0
