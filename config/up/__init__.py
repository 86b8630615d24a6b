"""`make up`: starts all of Lineup on one machine, keeps it running, and stops all of it in order.

Why not the supervisor package: it starts by priority without waiting for readiness, does not let its children die with
it when it is killed, and restarts without telling a crash at the start from one after a week. Those three are the point
here, and come to about as many lines as its configuration would.
"""
