using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Restoring;

namespace Lockstep.Shared.Tests.Restoring;

public class RestorePlanTests
{
    /// <summary>What a run of 4-3-2 saves.</summary>
    private static readonly NamedTensor[] Saved =
    [
        Tensor("layer0/weights", 4, 3), Tensor("layer0/biases", 3), Tensor("layer1/weights", 3, 2), Tensor("layer1/biases", 2),
    ];

    [Fact]
    public void Make_SameModel_RestoresAll()
    {
        RestorePlan plan = Make("4-3-2", new RestoreRules());
        Assert.Empty(plan.Refused);
        Assert.Equal(Saved.Select(tensor => tensor.Name), plan.Tensors.Select(tensor => tensor.Name));
        Assert.All(plan.Rows, row => Assert.Equal(RestoreOutcome.Restored, row.Outcome));
        Assert.NotNull(plan.Sha256);
    }

    [Fact]
    public void Make_WiderModel_RefusesEveryDifference()
    {
        RestorePlan plan = Make("4-3-5-2", new RestoreRules());
        Assert.Equal(
            [
                (RestoreOutcome.WrongShape, "layer1/weights"), (RestoreOutcome.WrongShape, "layer1/biases"),
                (RestoreOutcome.Missing, "layer2/weights"), (RestoreOutcome.Missing, "layer2/biases"),
            ],
            plan.Refused.Select(row => (row.Outcome, row.Parameter!)));
        Assert.Equal([3, 5], plan.Rows[2].Shape!);
        Assert.Equal([3, 2], plan.Rows[2].SourceShape!);
    }

    [Fact]
    public void Make_EverythingAllowed_RestoresWhatFitsAndNothingElse()
    {
        RestorePlan plan = Make("4-3-5-2", new RestoreRules { AllowMissing = true, AllowShapeMismatch = true });
        Assert.Empty(plan.Refused);
        Assert.Equal(["layer0/weights", "layer0/biases"], plan.Tensors.Select(tensor => tensor.Name));
    }

    [Fact]
    public void Make_LayerRemoved_RefusesWhatIsLeftOver()
    {
        RestorePlan plan = Make("4-3", new RestoreRules());
        Assert.Equal(["layer1/weights", "layer1/biases"], plan.Refused.Select(row => row.Source));
        Assert.Empty(Make("4-3", new RestoreRules { AllowUnused = true }).Refused);
    }

    [Fact]
    public void Make_OnlySomeWanted_LeavesTheOthersAlone()
    {
        RestorePlan plan = Make(
            "4-3-5-2", new RestoreRules { Include = NameGlobs.Parse("layer0/*"), Exclude = NameGlobs.Parse("*/biases") });
        Assert.Empty(plan.Refused);
        Assert.Equal("layer0/weights", Assert.Single(plan.Tensors).Name);
    }

    [Fact]
    public void Make_OtherNamesOfTheSameShapes_AreNotGuessed()
    {
        ModelSpec model = ModelFile.Parse("""{ "inputs": 4, "layers": [{ "units": 3, "weights": "w", "biases": "b" }, { "units": 2 }] }""");
        RestorePlan plan = RestorePlan.Make(
            new ParameterLayout(model), Saved, new RestoreRules { AllowMissing = true, AllowUnused = true });
        Assert.Empty(plan.Tensors);
        Assert.Null(plan.Sha256);
    }

    [Fact]
    public void Make_Map_GivesTensorsTheirNewNames()
    {
        ModelSpec model = ModelFile.Parse("""{ "inputs": 4, "layers": [{ "units": 3, "weights": "w", "biases": "b" }] }""");
        var rules = new RestoreRules { AllowUnused = true, Map = new Dictionary<string, string> { ["layer0/weights"] = "w", ["layer0/biases"] = "b" } };
        RestorePlan plan = RestorePlan.Make(new ParameterLayout(model), Saved, rules);
        Assert.Empty(plan.MapProblems);
        Assert.Equal([("w", Saved[0].Values), ("b", Saved[1].Values)], plan.Tensors.Select(tensor => (tensor.Name, tensor.Values)));
    }

    [Fact]
    public void Make_MapToANameThatTheFileHasToo_PrefersTheMap()
    {
        NamedTensor[] saved = [.. Saved, Tensor("old", 4, 3)];
        RestorePlan plan = RestorePlan.Make(
            new ParameterLayout(ModelSpec.Parse("4-3-2")), saved,
            new RestoreRules { Map = new Dictionary<string, string> { ["old"] = "layer0/weights" } });
        Assert.Same(saved[4].Values, plan.Tensors[0].Values);
        RestoreRow refused = Assert.Single(plan.Refused);
        Assert.Equal((RestoreOutcome.Unused, "layer0/weights"), (refused.Outcome, refused.Source!));
    }

    [Fact]
    public void Make_MapWithMistakes_NamesThem()
    {
        var map = new Dictionary<string, string> { ["layer0/weight"] = "layer0/weights", ["layer1/biases"] = "layer9/biases", ["layer0/biases"] = "layer0/weights" };
        RestorePlan plan = Make("4-3-2", new RestoreRules { Map = map });
        Assert.Equal(2, plan.MapProblems.Count);
        Assert.Contains("'layer0/weight', which the file does not have", plan.MapProblems[0], StringComparison.Ordinal);
        Assert.Contains("'layer9/biases', which the model does not have", plan.MapProblems[1], StringComparison.Ordinal);

        RestorePlan twice = Make("4-3-2", new RestoreRules { Map = new Dictionary<string, string> { ["layer0/biases"] = "layer0/weights", ["layer1/biases"] = "layer0/weights" } });
        Assert.Contains("both 'layer0/biases' and 'layer1/biases'", Assert.Single(twice.MapProblems), StringComparison.Ordinal);
    }

    [Fact]
    public void Create_Restored_IsTheStateBeforeTheFirstStep()
    {
        RunSpec spec = Samples.Spec with { RestoredSha256 = null };
        var layout = new ParameterLayout(spec.Model);
        NamedTensor tensor = Tensor("layer1/biases", 3);
        Checkpoint start = StartCheckpoint.Create(spec, [tensor]);
        Assert.Equal(tensor.Values, start.Parameters.First(parameter => parameter.Name == tensor.Name).Values);
        float[] initial = new float[layout.Length];
        Initialization.Fill(spec, layout, initial);
        Assert.Equal(CheckpointTensors.CopyFrom(layout, initial)[0].Values, start.Parameters[0].Values);
        Assert.Equal(start.WeightsSha256, CheckpointCodec.Decode(CheckpointCodec.Encode(start), "start").WeightsSha256);
        Assert.All(start.Slots.Single().Tensors, velocity => Assert.All(velocity.Values, value => Assert.Equal(0f, value)));
    }

    private static RestorePlan Make(string model, RestoreRules rules) =>
        RestorePlan.Make(new ParameterLayout(ModelSpec.Parse(model)), Saved, rules);

    private static NamedTensor Tensor(string name, params int[] shape) =>
        new(name, shape, [.. Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).Select(i => i + (name.Length * 0.5f))]);
}
