// Package webhook posts events to the addresses that companies, their
// organizations' managers and operators named. An endpoint follows the positions
// of the event table with a cursor of its own in the database; deliveries, their
// attempts and the time of the next one stand there too. So whatever was
// committed is posted at least once, whenever the program is killed, and always
// under the same webhook-id (Standard Webhooks).
//
// It must never post an event of one company to an endpoint of another, keep a
// secret in clear, or hold one endpoint up because another does not answer.
package webhook
