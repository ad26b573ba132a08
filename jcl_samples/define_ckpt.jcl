//CKPTDEF  JOB (ACCT),'CHECKPOINT FILE',CLASS=A,MSGCLASS=X
//*-------------------------------------------------------------------
//* The checkpoint file of a node, as the DTF defines it when it is
//* started for the first time: a record of 28 key bytes (PNODE, number
//* and submit time of a Process), 256 bytes on average.
//* Run it again to begin with an empty file: no copy that was cut
//* can go on then, each begins at the beginning.
//*-------------------------------------------------------------------
//DEFINE   EXEC PGM=IDCAMS
//SYSPRINT DD SYSOUT=*
//SYSIN    DD *
  DELETE DTF.CKPT CLUSTER
  IF LASTCC <= 8 THEN SET MAXCC = 0
  DEFINE CLUSTER(NAME(DTF.CKPT) INDEXED KEYS(28 0) -
         RECORDSIZE(256 4089) CYLINDERS(1 1) FREESPACE(10 10) -
         SHAREOPTIONS(2 3) REUSE) -
         DATA(NAME(DTF.CKPT.DATA) CONTROLINTERVALSIZE(4096)) -
         INDEX(NAME(DTF.CKPT.INDEX))
  LISTCAT ENTRIES(DTF.CKPT) ALL
/*
