"""What reads the journal and brings it elsewhere: a file here is a kind of follower."""
