# What the boot loader does: pick a slot and start its kernel. U-Boot's shell; it runs on any board whose U-Boot looks for
# boot.scr. The slots' state is text in a sector of the boot partition that FAT leaves alone.

part start ${devtype} ${devnum} ${distro_bootpart} state_sector
setexpr state_sector ${state_sector} + @STATE_SECTOR@
setenv slot a
setenv try
setenv data
${devtype} dev ${devnum}
${devtype} read ${pxefile_addr_r} ${state_sector} 1
env import -t ${pxefile_addr_r} 0x200 slot try data

setenv trial 0
setenv wanted ${slot}
if test "${try}" = a -o "${try}" = b; then
  # Once: whatever comes of it, the next start takes the slot before.
  setenv trial 1
  setenv wanted ${try}
  setenv try
  env export -t -s 0x200 ${pxefile_addr_r} slot try data
  ${devtype} write ${pxefile_addr_r} ${state_sector} 1
fi

for one in ${wanted} ${slot} a b; do
  if test "${one}" != "${wanted}"; then setenv trial 0; fi
  setenv number 2
  if test "${one}" = b; then setenv number 3; fi
  if load ${devtype} ${devnum}:${number} ${kernel_addr_r} boot/vmlinuz; then
    # The initial RAM disk stands behind the room that the kernel takes to unpack itself. On a board of 64 MB U-Boot doesn't
    # load there, where it would keep EFI's memory if anybody asked, but it copies.
    setexpr load_addr ${kernel_addr_r} + ${filesize}
    setexpr load_addr ${load_addr} + 0x1000
    setexpr initrd_addr ${kernel_addr_r} + @KERNEL_ROOM@
    load ${devtype} ${devnum}:${number} ${load_addr} boot/initrd.gz
    setenv initrd_size ${filesize}
    cp.b ${load_addr} ${initrd_addr} ${initrd_size}
    setenv tree ${fdtcontroladdr}
    if test -n "${fdtfile}" -a -n "${fdt_addr_r}"; then
      if load ${devtype} ${devnum}:${number} ${fdt_addr_r} boot/dtb/${fdtfile}; then setenv tree ${fdt_addr_r}; fi
    fi
    setenv bootargs "panic=10 oops=panic quiet fmucd.slot=${one} fmucd.trial=${trial}"
    if test -n "${console}"; then setenv bootargs "${bootargs} console=${console}"; fi
    echo "fmucd: slot ${one}"
    @BOOT@ ${kernel_addr_r} ${initrd_addr}:${initrd_size} ${tree}
  fi
done
