// Package account holds people: their accounts, addresses, sessions and the
// codes with which they prove a mailbox.
//
// It must never decide what somebody may do; models/access does that.
package account
