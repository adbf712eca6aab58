// Package tenancy holds companies and organizations, the registry of
// applications and roles, and the grants that make people members.
//
// It must never look at delegations: being let in for a while is no
// membership.
package tenancy
