// Package usage counts what was used, by whom, and whom it is charged to. Connected
// applications tell it (CloudEvents 1.0), it looks up in the visits for whom somebody
// worked at that moment, and charges it to the organization in which it was done.
//
// It must never count the same record twice, lose one that it took, add up anything
// but exact decimals, or tell an application of an organization that does not use it.
package usage
