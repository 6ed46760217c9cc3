using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Shared.Restoring;
using Lockstep.Training;

namespace Lockstep.Tests;

/// <summary>Beginning with the weights of another model.</summary>
public class RestoreTests
{
    private static readonly ModelSpec Small = new ModelBuilder(64).Dense(16).Dense(4).Build();
    private static readonly ModelSpec Wide = new ModelBuilder(64).Dense(16).Dense(8).Dense(4).Build();

    [Fact]
    public async Task InitFrom_ChangedModel_IsRefusedNamingEveryParameter()
    {
        TrainedModel source = await Train(Small);

        var refused = Assert.Throws<RequestException>(
            () => new Trainer(Wide, SmallData.Data, SmallData.Options with { InitFrom = source }));

        foreach (string name in new[] { "dense_16x8/weights [16, 8]", "dense_16x8/biases [8]", "dense_8x4/weights [8, 4]", "dense_16x4/weights [16, 4]" })
            Assert.Contains(name, refused.Message);
        Assert.Contains("--map 'dense_16x4/biases=dense_8x4/biases'", refused.Message);
    }

    [Fact]
    public async Task InitFrom_IncludedAndFrozenLayer_KeepsItsBytesAndTrainsTheRest()
    {
        TrainedModel source = await Train(Small);
        var trainer = new Trainer(Wide.Freeze("dense_64x16/*"), SmallData.Data, SmallData.Options with
        {
            InitFrom = source,
            Restore = new RestoreRules { Include = NameGlobs.Parse("dense_64x16/*") },
        });

        TrainedModel tuned = (await trainer.TrainAsync()).Model;

        Assert.Equal(2, trainer.Restored!.Rows.Count(row => row.Outcome == RestoreOutcome.Restored));
        Assert.Equal(source.GetParameter("dense_64x16/weights").Values, tuned.GetParameter("dense_64x16/weights").Values);
        Assert.Equal(source.GetParameter("dense_64x16/biases").Values, tuned.GetParameter("dense_64x16/biases").Values);
        Assert.Contains(tuned.GetParameter("dense_8x4/biases").Values, value => value != 0);
    }

    [Fact]
    public async Task InitFrom_WithoutAStep_HasTheValuesOfTheSource()
    {
        TrainedModel source = await Train(Small);

        TrainingResult begun = await new Trainer(Small, SmallData.Data, SmallData.Options with { InitFrom = source, Seed = 7 })
            .TrainAsync(cancellationToken: new CancellationToken(canceled: true));

        Assert.Equal(source.WeightsSha256, begun.Model.WeightsSha256);
        Assert.Equal(0, begun.Model.Step);
    }

    [Fact]
    public async Task InitFrom_NothingIncluded_IsRefused()
    {
        TrainedModel source = await Train(Small);
        var options = SmallData.Options with { InitFrom = source, Restore = new RestoreRules { Exclude = NameGlobs.All } };

        var refused = Assert.Throws<RequestException>(() => new Trainer(Small, SmallData.Data, options));

        Assert.Contains("no parameter to restore", refused.Message);
    }

    private static async Task<TrainedModel> Train(ModelSpec model) =>
        (await new Trainer(model, SmallData.Data, SmallData.Options).TrainAsync()).Model;
}
