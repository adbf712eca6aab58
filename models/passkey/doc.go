// Package passkey keeps people's passkeys, and checks what authenticators sign
// with them (Web Authentication Level 3, https://www.w3.org/TR/webauthn-3/).
// What a passkey opens is for models/access to say.
//
// It must never take a challenge a second time, whatever came of the first, nor
// an assertion for which the authenticator did not verify its user.
package passkey
