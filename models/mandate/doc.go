// Package mandate hands a company's set-up over for a while: to its IT admin,
// who has no account, by a set-up link; and to an operator who sets up on the
// company's behalf. What either may do then is derived by models/access from
// the mandate's row alone.
//
// It must never make an account or a member of anybody, give more than the
// purposes that were chosen, or reach over more than one company.
package mandate
