// Package delegation lets third parties in for a while: the permission with
// its period and roles (a delegation), and each stay (a visit).
//
// Whether a delegation is active is always asked of its row and the clock.
// Nothing here may trust a sweep, a cache or a token to have noticed its end.
package delegation
