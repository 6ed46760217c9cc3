using Lockstep.Networks;

namespace Lockstep.Cli.Results;

/// <summary>The result of <c>replay</c>.</summary>
/// <param name="Checkpoint">The file that was written.</param>
/// <param name="Step">Its step.</param>
/// <param name="WeightsSha256">Digest of its weights.</param>
internal sealed record ReplayJson(string Checkpoint, long Step, string WeightsSha256)
{
    public static ReplayJson Of(TrainedModel model, string file) => new(file, model.Step, model.WeightsSha256);
}
