//! Secrets: the OS keychain, a wrapped file, a practice file.
