// Package openid is what the OpenID provider stands on: what a person's session
// let an application know (RFC 6749, OpenID Connect Core 1.0), the code and the
// tokens by which the application asks, and how it is told that a session or a
// visit is over (OpenID Connect Back-Channel Logout 1.0).
//
// A token tells nothing by itself. It is a way to ask for the Answer of
// models/access about the session in which it was made, as it is at that moment:
// where its person works, on whose behalf, with which roles. It is worth nothing
// once the session is over, once the visit is over in which it was made, and while
// the person may not use the application where he works now.
//
// A token that an application has for itself (OwnToken) is another thing: no person
// stands behind it, and it opens what applications do in their own name alone.
package openid
