// Stand-in so that the host builds until the checkpoint store lands: delete this file with that commit.
#pragma warning disable
using Lockstep.Model.Training;
namespace Lockstep.Shared.Checkpoints;
public sealed class CheckpointException : Exception { public CheckpointException(string m) : base(m) { } }
public sealed class CheckpointStore(string d) { public string Save(Checkpoint c, int keep) => d + "/" + c.Step + c.WeightsSha256 + keep; }
public static class CheckpointTensors {
  public static void CopyTo(IReadOnlyList<NamedTensor> t, ParameterLayout l, Span<float> flat) { foreach (var (a, b) in l.Parameters.Zip(t)) a.CopyIn(b.Values, flat); }
  public static IReadOnlyList<NamedTensor> CopyFrom(ParameterLayout l, ReadOnlySpan<float> flat) { var r = new List<NamedTensor>(); foreach (var p in l.Parameters) { var v = new float[p.Count]; p.CopyOut(flat, v); r.Add(new(p.Name, p.Shape, v)); } return r; }
}
