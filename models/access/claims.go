package access

import "time"

// Claims are what an answer says, by their registered names where they have one
// (RFC 7662, RFC 8693): the same in introspection, in ID tokens and in the header
// X-Locum-Jwt. Who it is for, and until when, is added by the protocol.
type Claims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Username string   `json:"username,omitempty"`
	ClientID string   `json:"client_id,omitempty"`
	Session  string   `json:"sid,omitempty"` // none where he comes by a token of his own
	AuthTime int64    `json:"auth_time,omitempty"`
	AMR      []string `json:"amr,omitempty"` // RFC 8176

	Organization     string   `json:"org_id"`
	OrganizationName string   `json:"org_name"`
	Hue              int      `json:"org_hue,omitempty"` // its colour, 1 to 8, for who shows it as the hub does
	Roles            []string `json:"roles"`
	Act              *Act     `json:"act,omitempty"`
	Delegation       *Means   `json:"delegation,omitempty"`
	Epoch            int64    `json:"ctx_epoch"`
}

// Act is who acts in truth (RFC 8693, section 4.1), during a visit: the person
// himself, for the organization to which he belongs.
type Act struct {
	Issuer           string `json:"iss"`
	Subject          string `json:"sub"`
	Organization     string `json:"org_id"`
	OrganizationName string `json:"org_name,omitempty"`
	Hue              int    `json:"org_hue,omitempty"`
}

// Means is the delegation by which somebody visits.
type Means struct {
	ID      string `json:"id"`
	Visit   string `json:"visit_id"`
	Expires string `json:"expires_at,omitempty"` // RFC 3339; without an end there is none
	Ticket  string `json:"ticket,omitempty"`
}

// Claims are what the answer says. issuer is the hub's address.
func (a Answer) Claims(issuer string) Claims {
	by := a.Actor
	c := Claims{Issuer: issuer, Subject: by.Account, Username: by.Email, ClientID: by.Application, AMR: methods(by.Method, by.SecondFactor),
		Organization: by.Effective.Organization, OrganizationName: by.Effective.Name, Hue: by.Effective.Hue, Roles: a.Roles, Epoch: by.Epoch}
	if c.Roles == nil {
		c.Roles = []string{}
	}
	if !byAccountToken(by.Session) {
		c.Session = by.Session
	}
	if !by.AuthTime.IsZero() {
		c.AuthTime = by.AuthTime.Unix()
	}
	if by.Visiting() {
		c.Act = &Act{issuer, by.Account, by.Real.Organization, by.Real.Name, by.Real.Hue}
		c.Delegation = &Means{ID: by.Delegation, Visit: by.Visit, Ticket: a.Ticket}
		if !by.Ends.IsZero() {
			c.Delegation.Expires = by.Ends.UTC().Format(time.RFC3339)
		}
	}
	return c
}

// methods are how somebody showed who he is, as far as RFC 8176 has a value for it.
// Of a sign-in at an identity provider it has none but for the second factor.
func methods(method, second string) (list []string) {
	switch method {
	case "code":
		list = append(list, "otp")
	case "passkey":
		list = append(list, "pop", "user")
	}
	if second == "passkey" && method != "passkey" {
		list = append(list, "pop", "user")
	}
	if second != "" {
		list = append(list, "mfa")
	}
	return list
}
