//! SCIM 2.0: schema, filter, path, patch, projection, validation and the service provider as a pure function.
