// Package notice decides who hears of what about delegations, and how: by mail
// at once, by one mail a visit, by the daily digest, or in the application
// alone. It keeps everyone's inbox and sends the digests.
//
// It must never keep something out of an inbox because mails of it are muted,
// and never leave a delegation of which nobody hears by mail.
package notice
