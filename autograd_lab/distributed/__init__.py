"""Several processes that work on one model: ``torch.distributed``.

Each process (a *rank*) runs the same program on its part of the data; now and then they exchange
tensors. On the processor MPI carries them, between GPUs NCCL. MPI is loaded when a run begins.
"""

from ..missing import explaining as _explaining
from . import algorithms as algorithms
from .collectives import P2POp as P2POp
from .collectives import all_gather as all_gather
from .collectives import all_gather_into_tensor as all_gather_into_tensor
from .collectives import all_gather_single as all_gather_single
from .collectives import all_reduce as all_reduce
from .collectives import all_to_all as all_to_all
from .collectives import all_to_all_single as all_to_all_single
from .collectives import barrier as barrier
from .collectives import batch_isend_irecv as batch_isend_irecv
from .collectives import broadcast as broadcast
from .collectives import gather as gather
from .collectives import irecv as irecv
from .collectives import isend as isend
from .collectives import recv as recv
from .collectives import reduce as reduce
from .collectives import reduce_scatter as reduce_scatter
from .collectives import reduce_scatter_single as reduce_scatter_single
from .collectives import reduce_scatter_tensor as reduce_scatter_tensor
from .collectives import scatter as scatter
from .collectives import send as send
from .groups import GroupMember as GroupMember
from .groups import ProcessGroup as ProcessGroup
from .groups import destroy_process_group as destroy_process_group
from .groups import get_backend as get_backend
from .groups import get_default_backend_for_device as get_default_backend_for_device
from .groups import get_global_rank as get_global_rank
from .groups import get_group_rank as get_group_rank
from .groups import get_node_local_rank as get_node_local_rank
from .groups import get_process_group_ranks as get_process_group_ranks
from .groups import get_rank as get_rank
from .groups import get_world_size as get_world_size
from .groups import group as group
from .groups import is_initialized as is_initialized
from .groups import monitored_barrier as monitored_barrier
from .groups import new_group as new_group
from .objects import all_gather_object as all_gather_object
from .objects import broadcast_object_list as broadcast_object_list
from .objects import gather_object as gather_object
from .objects import scatter_object_list as scatter_object_list
from .reduce_op import ReduceOp as ReduceOp
from .start import init_process_group as init_process_group
from .start import is_available as is_available
from .start import is_gloo_available as is_gloo_available
from .start import is_mpi_available as is_mpi_available
from .start import is_nccl_available as is_nccl_available
from .work import Work as Work

__getattr__ = _explaining(__name__)
