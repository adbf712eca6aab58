package access

// deniedScopes are the scopes that nobody exercises through a delegation: what
// they are for is denied to visitors.
var deniedScopes = map[string]bool{"delegations.read": true, "delegations.write": true, "visits.read": true, "visits.write": true}

// DeniedScope says whether a visitor may never exercise a scope.
func DeniedScope(scope string) bool { return deniedScopes[scope] }
