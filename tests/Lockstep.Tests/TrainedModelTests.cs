using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Networks;
using Lockstep.Shared.Checkpoints;
using Lockstep.Training;

namespace Lockstep.Tests;

public sealed class TrainedModelTests : IAsyncLifetime
{
    private TrainedModel _model = null!;

    public async Task InitializeAsync() =>
        _model = (await new Trainer(Models.Parse("64-16-4"), SmallData.Data, SmallData.Options).TrainAsync()).Model;

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public void SaveAndLoad_File_GivesTheSameModel()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("bars.ckpt");

        _model.Save(file);
        TrainedModel loaded = TrainedModel.Load(file);

        Assert.Equal(_model.WeightsSha256, loaded.WeightsSha256);
        Assert.Equal(_model.Step, loaded.Step);
        Assert.Equal(_model.Model.ToString(), loaded.Model.ToString());
        Assert.Empty(loaded.Warnings);
        Assert.Equal(_model.Evaluate(SmallData.Data.Test), loaded.Evaluate(SmallData.Data.Test));
    }

    [Fact]
    public void Save_FileExists_IsRefusedUnlessAskedFor()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("bars.ckpt");
        File.WriteAllText(file, "mine");

        Assert.Throws<CheckpointException>(() => _model.Save(file));
        Assert.Equal("mine", File.ReadAllText(file));

        _model.Save(file, overwrite: true);
        Assert.Equal(_model.WeightsSha256, TrainedModel.Load(file).WeightsSha256);
    }

    [Fact]
    public void Load_FolderWithDamagedNewest_TakesTheOneBeforeAndSaysSo()
    {
        using var folder = new TemporaryFolder();
        _model.Save(folder.File("step-000000048.ckpt"));
        File.WriteAllText(folder.File("step-000000064.ckpt"), "damaged");

        TrainedModel loaded = TrainedModel.Load(folder.Path);

        Assert.Equal(_model.WeightsSha256, loaded.WeightsSha256);
        Assert.Contains("step-000000064", Assert.Single(loaded.Warnings));
    }

    [Fact]
    public void Predict_TestImages_AgreesWithEvaluate()
    {
        var test = (ImageSet)SmallData.Data.Test;
        byte[] pixels = new byte[test.Pixels];
        int right = 0;
        float[] all = _model.Predict(test);
        for (int i = 0; i < test.Count; i++)
        {
            test.CopyPixels(i, pixels);
            float[] probabilities = _model.Predict(pixels);
            Assert.Equal(1.0, probabilities.Sum(), 1e-5);
            Assert.Equal(all[(i * 4)..(i * 4 + 4)], probabilities);
            right += Array.IndexOf(probabilities, probabilities.Max()) == test.Labels[i] ? 1 : 0;
        }

        EvaluationResult evaluated = _model.Evaluate(test);
        Assert.Equal(evaluated.Correct, right);
        Assert.Equal(100, evaluated.Examples);
    }

    [Fact]
    public void Predict_FromManyThreads_GivesTheSame()
    {
        float[] expected = _model.Predict(SmallData.Data.Test);

        Parallel.For(0, 20, _ => Assert.Equal(expected, _model.Predict(SmallData.Data.Test)));
    }

    [Fact]
    public void Predict_WrongNumberOfPixels_IsRefused()
    {
        var refused = Assert.Throws<ArgumentException>(() => _model.Predict(new byte[63]));
        Assert.Contains("63 pixels; the model 64-16-4 takes 64", refused.Message);
    }

    [Fact]
    public void Evaluate_ImagesOfMoreClasses_IsRefused()
    {
        ImageSet images = ImageSet.FromDense(new byte[64], [4], 8, 8);
        var refused = Assert.Throws<ArgumentException>(() => _model.Evaluate(images));
        Assert.Contains("5 classes", refused.Message);
    }

    [Fact]
    public void GetParameter_ChangedByTheCaller_LeavesTheModelAsItIs()
    {
        NamedTensor weights = _model.GetParameter("layer0/weights");
        Assert.Equal([64, 16], weights.Shape);
        Assert.Equal(64 * 16, weights.Values.Length);

        weights.Values.AsSpan().Clear();

        Assert.Contains(_model.GetParameter("layer0/weights").Values, value => value != 0);
    }

    [Fact]
    public void GetParameter_NoSuchName_SaysWhichThereAre()
    {
        var refused = Assert.Throws<ArgumentException>(() => _model.GetParameter("weights_0"));
        Assert.Contains("layer0/weights, layer0/biases, layer1/weights, layer1/biases", refused.Message);
    }
}
