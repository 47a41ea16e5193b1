"""Who gets a report by rule (派遣规则): editions of rules, what they say of a report, and where they say nothing."""
