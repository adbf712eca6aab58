package access

import (
	"time"
)

// Claims are what an answer says, by their registered names where they have one
// (RFC 7662, RFC 8693): the same in introspection, in ID tokens and in the header
// X-Locum-Jwt. issuer is the hub's address. Who it is for and until when is added
// by the protocol.
func (a Answer) Claims(issuer string) map[string]any {
	by := a.Actor
	roles := a.Roles
	if roles == nil {
		roles = []string{}
	}
	claims := map[string]any{
		"iss": issuer, "sub": by.Account, "username": by.Email, "client_id": by.Application, "sid": by.Session,
		"auth_time": by.AuthTime.Unix(), "amr": a.methods(),
		"org_id": by.Effective.Organization, "org_name": by.Effective.Name, "roles": roles, "ctx_epoch": by.Epoch,
	}
	if by.Visiting() {
		claims["act"] = map[string]any{"iss": issuer, "sub": by.Account, "org_id": by.Real.Organization}
		visit := map[string]any{"id": by.Delegation, "visit_id": by.Visit}
		if !by.Ends.IsZero() {
			visit["expires_at"] = by.Ends.UTC().Format(time.RFC3339)
		}
		if a.Ticket != "" {
			visit["ticket"] = a.Ticket
		}
		claims["delegation"] = visit
	}
	return claims
}

// methods are how he signed in, as far as RFC 8176 has a value for it. For what an
// identity provider did it has none.
func (a Answer) methods() []string {
	list := []string{}
	switch a.Actor.Method {
	case "code":
		list = append(list, "otp")
	case "passkey":
		list = append(list, "pop", "user")
	}
	if a.Actor.SecondFactor == "passkey" && a.Actor.Method != "passkey" {
		list = append(list, "pop", "user")
	}
	if a.Actor.SecondFactor != "" {
		list = append(list, "mfa")
	}
	return list
}
