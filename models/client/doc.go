// Package client holds connected applications: the registration of an
// application of the registry as an OAuth client (RFC 6749, section 2), its
// credentials, and the hosts for which a proxy asks in its place.
//
// Who somebody is for an application is not decided here: models/access tells it
// by its Answer.
package client
