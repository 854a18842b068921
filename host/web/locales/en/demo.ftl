demo-role-staff = Staff
demo-role-member = Member
demo-role-visitor = Signed out
flash-demo-reset = The demo is as it was at the beginning.
