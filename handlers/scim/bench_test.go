package scim_test

import (
	"fmt"
	"testing"

	"locum/models"
	"locum/models/directory"
	"locum/models/modelstest"
	"locum/models/store"
)

// BenchmarkPatchOfOneMember: the cost must not grow with the size of the group.
func BenchmarkPatchOfOneMember(b *testing.B) {
	for _, size := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			h := newHub(b, modelstest.New(b, "sqlite"))
			u, group := h.user("u1"), h.group("Everyone")
			h.System(func(tx *store.Tx) error {
				rows := make([]directory.Member, size)
				for i := range rows {
					rows[i] = directory.Member{CompanyID: h.directory.CompanyID, GroupID: group, MemberID: fmt.Sprintf("dusr_%06d", i), DirectoryID: h.directory.ID,
						Kind: directory.UserMember, CreatedAt: models.At(h.Now())}
				}
				return tx.CreateInBatches(&rows, 80).Error
			})
			op := []string{"add", "remove"}
			b.ResetTimer()
			for i := range b.N {
				h.wants(204, "PATCH", "/Groups/"+group, patch(`{"op":"`+op[i%2]+`","path":"members","value":`+values(u)+`}`))
			}
		})
	}
}
