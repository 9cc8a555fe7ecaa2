"""The smallest parts of a page: prose, labels, words of strangers, what a screen reader hears."""
