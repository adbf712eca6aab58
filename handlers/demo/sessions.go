package demo

import "slices"

// remember keeps a sound response for a replay, and its session for single
// logout. One with faults should have led to no session.
func (p *IdentityProvider) remember(a answer, message string) {
	if len(a.faults) > 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last[a.tenant.Key+" "+a.asked.SP.EntityID] = message
	p.sessions = append(p.sessions, session{
		Index: a.session, Tenant: a.tenant.Key, EntityID: a.asked.SP.EntityID,
		NameID: a.persona.NameID, Name: a.persona.Name, At: p.now(),
	})
	if len(p.sessions) > keptSessions {
		p.sessions = slices.Delete(p.sessions, 0, len(p.sessions)-keptSessions)
	}
}

// lastMessage is the last response made for a service provider, or "".
func (p *IdentityProvider) lastMessage(t Tenant, sp ServiceProvider) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last[t.Key+" "+sp.EntityID]
}

// signedIn are the sessions begun at a tenant and not ended since, newest
// first.
func (p *IdentityProvider) signedIn(t Tenant) []session {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []session
	for _, s := range slices.Backward(p.sessions) {
		if s.Tenant == t.Key {
			found = append(found, s)
		}
	}
	return found
}

// endSessions forgets the sessions that match, and gives them back.
func (p *IdentityProvider) endSessions(match func(session) bool) []session {
	p.mu.Lock()
	defer p.mu.Unlock()
	var ended []session
	p.sessions = slices.DeleteFunc(p.sessions, func(s session) bool {
		if match(s) {
			ended = append(ended, s)
			return true
		}
		return false
	})
	return ended
}
