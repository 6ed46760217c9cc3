using Lockstep.Data;
using Lockstep.Lockstep.Tests.Data.Pictures;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Networks;
using Lockstep.Tests;
using Lockstep.Training;

namespace Lockstep.Lockstep.Tests.Training;

/// <summary>What is chosen for files of the user's where no option says it.</summary>
public sealed class OwnDataDefaultsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(20, 0.02)]
    [InlineData(235, 0.002)]
    public async Task For_FewPictures_HaveAnExampleAShardAndTheRateOfTheirLight(byte ground, double rate)
    {
        Dataset data = await ReadAsync(ground);

        var options = TrainerOptions.For(data);

        Assert.Equal((8, rate), (options.BatchSize, options.LearningRate));
    }

    [Fact]
    public async Task Train_FewPicturesOnPaper_DoesNotDiverge()
    {
        Dataset data = await ReadAsync(ground: 235);

        TrainingResult result = await new Trainer(
            Models.Parse("784-128-2"), data, TrainerOptions.For(data) with { Epochs = 60 }).TrainAsync();

        EvaluationResult learnt = result.Model.Evaluate(data.Training);
        Assert.True(learnt.Loss < 0.5, $"loss {learnt.Loss}");
    }

    // A light or dark stroke in the upper or the lower half.
    private async Task<Dataset> ReadAsync(byte ground)
    {
        const int Side = 28;
        foreach (string name in new[] { "above", "below" })
        {
            _ = Directory.CreateDirectory(_folder.File(name));
            for (int i = 0; i < 20; i++)
            {
                byte[] pixels = new byte[Side * Side];
                Array.Fill(pixels, ground);
                int top = (name == "above" ? 3 : 17) + i % 5;
                pixels.AsSpan(top * Side, 4 * Side).Fill((byte)(255 - ground + i % 3));
                await File.WriteAllBytesAsync(Path.Combine(_folder.File(name), $"{i}.png"), TestPngs.OfGrey(Side, pixels));
            }
        }

        return await Datasets.ReadAsync(_folder.Path);
    }
}
