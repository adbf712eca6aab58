// Package directory keeps the people and groups that a company's identity
// provider sends by SCIM 2.0 (RFC 7643 and 7644), and lets every change of them
// decide about roles at once, through the one engine of models/provisioning.
//
// The language of the protocol is here too, without HTTP: attributes, filters,
// paths and PATCH. Errors are models.Error; the argument ScimType holds the
// scimType of RFC 7644, section 3.12.
package directory
