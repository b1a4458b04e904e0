/** Options of mysqld: DDL waits for disks above all, and the servers of tests need not outlive the machine. */
export const hasty = ['--innodb-flush-method=nosync', '--innodb-doublewrite=OFF'];
