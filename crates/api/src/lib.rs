//! Request and response types of the management API, shared by the Worker and the portal.
